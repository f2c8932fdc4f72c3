import type { Program } from './program.ts';

/** Stacks that the auditor's gallery has sites on: the tests start and stop their own. */
export const stackPrograms: Readonly<Record<'flask' | 'django' | 'php' | 'tomcat', Program>> = {
  flask: {
    title: 'Flask',
    names: ['flask'],
    // The sites are run by the Python that its first line names.
    isDebianOnly: true,
    variable: 'HOLDFAST_FLASK',
    debianPackage: 'python3-flask',
    advice:
      'Install Flask (on Debian: apt-get install python3-flask), or set HOLDFAST_FLASK to the path of its program flask.',
  },
  django: {
    title: 'Django',
    names: ['django-admin'],
    isDebianOnly: true,
    variable: 'HOLDFAST_DJANGO',
    debianPackage: 'python3-django',
    advice:
      'Install Django (on Debian: apt-get install python3-django), or set HOLDFAST_DJANGO to the path of its program django-admin.',
  },
  php: {
    title: 'PHP',
    names: ['php'],
    variable: 'HOLDFAST_PHP',
    debianPackage: 'php-cli',
    advice:
      'Install PHP 8 (on Debian: apt-get install php-cli), or set HOLDFAST_PHP to the path of its program php.',
  },
  tomcat: {
    title: 'Tomcat',
    names: ['catalina.sh'],
    folders: ['/usr/share/tomcat10/bin'],
    variable: 'HOLDFAST_TOMCAT',
    // With a Java, and without the service: the tests run it from a folder of their own.
    debianPackage: 'tomcat10-common',
    advice:
      'Install Tomcat 10 and a Java (on Debian: apt-get install tomcat10-common), or set HOLDFAST_TOMCAT to the path of its catalina.sh.',
  },
};
